package copies
import ("testing";"fmt";"path/filepath";"strings";"image/jpeg";"image";"bytes"; "github.com/akin-search/akin/internal/insight/evidence";"github.com/akin-search/akin/internal/picture")
func TestTmp(t *testing.T){
 files,_:=filepath.Glob("/work/shared/flags/images/*.png")
 n:=map[string]int{}; bad:=map[string][]string{}
 ch,mist:=0,0
 for i,f:=range files { if i%4!=0 {continue}
  name:=strings.TrimSuffix(filepath.Base(f),".png"); p:=Seen(flag(t,name))
  for _,a:=range Alterations() { q:=a.Apply(p); e:=evidence.Compare(p,q); n[a.Name]++; if !e.Same { bad[a.Name]=append(bad[a.Name],fmt.Sprintf("%s %.2f@%d %v %v ov%.2f t%.4v",name,e.Worst,e.Level,e.At,e.Reason,e.Overlap,e.Transform))} }
  for k:=range uint64(3) { q:=Changed(p,k); if q==nil {continue}; e:=evidence.Compare(p,q); ch++; if e.Same {mist++; fmt.Println("MISTAKEN",name,k,e.Worst,e.At,e.Level)}}
 }
 for k,v:=range bad { fmt.Println(k,len(v),"of",n[k]); for _,s:=range v {fmt.Println("    ",s)}}
 fmt.Println("changed",ch,"mistaken",mist)
 p:=flag(t,"Chad"); m:=image.NewRGBA(image.Rect(0,0,p.Width,p.Height)); for i:=range p.Width*p.Height { copy(m.Pix[4*i:],p.Pix[3*i:3*i+3]); m.Pix[4*i+3]=255}
 var b bytes.Buffer; jpeg.Encode(&b,m,&jpeg.Options{Quality:60}); q,_,_:=picture.Decode(t.Context(),b.Bytes(),picture.Limits{}); fmt.Printf("CHAD %+v\n",evidence.Compare(p,q))
 fmt.Printf("CHADROM %+v\n",evidence.Compare(p,flag(t,"Romania")))
}
